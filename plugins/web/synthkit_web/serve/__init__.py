# SPDX-License-Identifier: Apache-2.0
"""The door ``serve``: voices over HTTP, for programs.

`asked` checks what a request says, `gate` decides how many requests are open at once, `coding` turns pieces
of sound into bytes of a file as they come, `speaking` puts these together, `routes` are the addresses,
`openai` those of the widely used shape, `figures` what a monitor reads, `cli` the command.
"""
