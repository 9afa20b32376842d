"""What the built-in nodes say of their outputs before anything runs, and demand of their inputs.

One function for each kind of node, marked with the ids that it speaks for; docs/protocol.md lists the facts.
A node that passes values on as they are needs only a line in `passing.py`.
"""
