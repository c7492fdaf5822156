"""Enhancing prompts: a few words become detailed prompts, written for what will read them.

`domain` holds the rules (macros survive, doubles go), `asking` what a language model is told, `parts` the prompts of a
request one by one; `service` is what a person can ask for, `writing` what a worker does about it, `memory` what was
written before.
"""
