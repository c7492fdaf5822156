"""Everything that makes pictures, behind one contract, and the catalogue that says what each model can do.

No Flask, no database, no Celery in here: a provider turns our request into theirs, and their answer into ours.
"""
