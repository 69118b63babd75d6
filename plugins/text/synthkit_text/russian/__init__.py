# SPDX-License-Identifier: Apache-2.0
"""Russian: normalisation, stress, letters to phones, sounds in context. Depends on nothing outside it but
`blob`."""
