"""Enhancing prompts: a few words become detailed prompts, written for what will read them.

`domain` holds the rules (macros survive, doubles go), `writing` what a language model is told, `service` asks, pays and
remembers.
"""
