# SPDX-License-Identifier: Apache-2.0
"""Everything that is installed, speaking the same held-out sentences, in one report.

`wanted` walks through what is registered and says what there is to show, and what is missing; `making` builds
the voices and finds the vocoders that fit each; `running` has them spoken and measured by the comparison
(`synthkit.eval.compare`); `table`, `picture` and `page` show what came of it. Nothing here knows a plugin by
name. Depends on the pipeline, on pretrained voices and on the evaluation.
"""
