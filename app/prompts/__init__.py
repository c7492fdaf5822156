"""Prompts and their macros: one text with `{choices}`, wildcards and variables becomes many prompts.

Pure so far: `grammar` reads a template, `plan` weighs it up, `count` and `expand` answer from the plan by arithmetic.
"""
