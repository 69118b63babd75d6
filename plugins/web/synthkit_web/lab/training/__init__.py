# SPDX-License-Identifier: Apache-2.0
"""The panel Training: builds and trainings while they run, and what they left.

`builds` are those that are known and how one is begun and stopped, `told` what the page shows of one,
`routes` the addresses. A build is a process of its own, which neither the page nor the server ends by going
away.
"""
