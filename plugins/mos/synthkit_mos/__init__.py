"""Naturalness as a model predicts it. Never a mean opinion score."""

from synthkit import hookimpl


@hookimpl
def register_metrics(register):
    """DistillMOS."""
    register("distillmos", "synthkit_mos.distill:DistillMos", summary="naturalness as DistillMOS predicts it")
