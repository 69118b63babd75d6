# SPDX-License-Identifier: Apache-2.0
"""Recording sentences in a browser: `folder` is what is kept, `routes` the door, `cli` the command."""
