# SPDX-License-Identifier: Apache-2.0
"""Typed views of the specs whose frames this package makes and reads: `MelSpec` and `WorldSpec`.

A `FeatureSpec` holds parameters by name and knows nothing of them. A view is what the code that computes
works with: made from a spec it has checked that every parameter is there, of the right type, and that there
is none it would be deaf to; and it makes the spec again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from synthkit.errors import SpecMismatch
from synthkit.types import OPEN, Demand, FeatureSpec, Stream

MEL = {
    "n_fft": int, "win_length": int, "window": str, "fmin": float, "fmax": float, "mel_scale": str,
    "mel_norm": str, "power": float, "log_base": str, "floor": float, "normalisation": str, "padding": str,
}  # fmt: skip
"""Parameters of kind ``"mel"``."""
WORLD = {"n_fft": int, "fmin": float, "fmax": float, "floor": float, "alpha": float, "f0_method": str}
"""Parameters of kind ``"world"``."""


@dataclass(frozen=True)
class MelSpec:
    """Kind ``"mel"``: compressed mel spectra, stream ``mel`` (T, n_mels).

    Attributes
    ----------
    sample_rate : int
        Hz.
    n_fft, win_length, hop_length : int
        Samples.
    window : str
        ``"hann"``, ``"hamming"`` or ``"blackman"``.
    n_mels : int
    fmin, fmax : float
        Band edges, Hz.
    mel_scale : str
        ``"htk"`` or ``"slaney"``.
    mel_norm : str
        ``"slaney"`` (area) or ``"none"``.
    power : float
        1 magnitude, 2 power.
    log_base : str
        ``"e"``, ``"10"``, ``"db"`` or ``"none"``.
    floor : float
        Smallest value before the logarithm.
    normalisation : str
        ``"none"`` or a named, fully stated rule such as ``"symmetric-4"``.
    padding : str
        ``"reflect"``, ``"constant"`` (``(n_fft - hop_length) / 2`` samples at each end, as HiFi-GAN
        has it), ``"none"``, or ``"center-reflect"``, ``"center-constant"`` (``n_fft / 2`` samples, so that
        frame t is centred on sample ``t * hop_length``, as librosa has it).
    """

    sample_rate: int
    n_fft: int
    win_length: int
    hop_length: int
    window: str
    n_mels: int
    fmin: float
    fmax: float
    mel_scale: str
    mel_norm: str
    power: float
    log_base: str
    floor: float
    normalisation: str
    padding: str

    @classmethod
    def of(cls, spec: FeatureSpec) -> Self:
        """The view of `spec`.

        Parameters
        ----------
        spec : FeatureSpec

        Returns
        -------
        MelSpec

        Raises
        ------
        SpecMismatch
            It is of another kind, or states too little, too much or something of another type.
        """
        values = _read(spec, "mel", MEL)
        return cls(n_mels=_width(spec, "mel"), **values)

    @property
    def spec(self) -> FeatureSpec:
        """The contract of such frames."""
        params = {name: getattr(self, name) for name in MEL}
        return FeatureSpec(
            "mel", self.sample_rate, self.hop_length, (Stream("mel", width=self.n_mels),), params
        )

    @staticmethod
    def demand(**stated: Any) -> Demand:
        """Mel frames with the fields in `stated`, such as ``n_mels=80``, and any others that a view knows.

        Parameters
        ----------
        **stated : object
            Fields of `MelSpec`.

        Returns
        -------
        Demand
        """
        return _demand("mel", MEL, ("mel",), {"n_mels": "mel"}, stated)

    @staticmethod
    def stated(demand: Demand) -> dict[str, Any]:
        """Fields of a view for which `demand` asks, with the values it asks for.

        Parameters
        ----------
        demand : Demand

        Returns
        -------
        dict of str
        """
        return _stated(demand, {"mel": ("n_mels", 0)})


@dataclass(frozen=True)
class WorldSpec:
    """Kind ``"world"``: streams ``mcep`` (T, order + 1), ``lf0`` (T,), ``vuv`` (T,) and, if coded, ``bap``
    (T, n_bap).

    Attributes
    ----------
    sample_rate : int
        Hz.
    hop_length, n_fft : int
        Samples.
    order : int
        Mel-cepstrum order.
    alpha : float
        All-pass constant of the mel-cepstrum.
    fmin, fmax : float
        Search range of F0, Hz.
    floor : float
        Least spectral power.
    f0_method : str
        ``"dio+stonemask"``, ``"harvest"`` or another.
    n_bap : int or None
        Coded aperiodicity bands; None without ``bap``.
    """

    sample_rate: int
    hop_length: int
    n_fft: int
    order: int
    alpha: float
    fmin: float
    fmax: float
    floor: float
    f0_method: str
    n_bap: int | None = None

    @classmethod
    def of(cls, spec: FeatureSpec) -> Self:
        """The view of `spec`; raises as `MelSpec.of` does.

        Parameters
        ----------
        spec : FeatureSpec

        Returns
        -------
        WorldSpec
        """
        values = _read(spec, "world", WORLD)
        n_bap = _width(spec, "bap") if "bap" in spec.names else None
        return cls(order=_width(spec, "mcep") - 1, n_bap=n_bap, **values)

    @property
    def spec(self) -> FeatureSpec:
        """The contract of such frames."""
        streams = [Stream("mcep", width=self.order + 1), Stream("lf0"), Stream("vuv")]
        if self.n_bap is not None:
            streams.append(Stream("bap", width=self.n_bap))
        params = {name: getattr(self, name) for name in WORLD}
        return FeatureSpec("world", self.sample_rate, self.hop_length, tuple(streams), params)

    @staticmethod
    def demand(*streams: str, **stated: Any) -> Demand:
        """WORLD frames with `streams` (all four if none is named) and the fields in `stated`.

        Parameters
        ----------
        *streams : str
            Of ``mcep``, ``bap``, ``lf0`` and ``vuv``.
        **stated : object
            Fields of `WorldSpec`.

        Returns
        -------
        Demand
        """
        names = streams or ("mcep", "lf0", "vuv", "bap")
        return _demand("world", WORLD, names, {"n_bap": "bap"}, stated)

    @staticmethod
    def stated(demand: Demand) -> dict[str, Any]:
        """Fields of a view for which `demand` asks, with the values it asks for.

        Parameters
        ----------
        demand : Demand

        Returns
        -------
        dict of str
        """
        return _stated(demand, {"mcep": ("order", -1), "bap": ("n_bap", 0)})


def _read(spec: FeatureSpec, kind: str, types: dict[str, type]) -> dict[str, Any]:
    """Sample rate, hop and parameters of `spec` as `types` has them."""
    if spec.kind != kind or spec.hop_length is None:
        raise SpecMismatch(f"frames of kind {spec.kind!r} are not {kind!r} frames")
    missing = [n for n in types if n not in spec.params]
    strange = [n for n in spec.params if n not in types]
    if missing or strange:
        said = [f"states no {', '.join(missing)}"] * bool(missing)
        said += [f"states {', '.join(strange)}, which {kind!r} frames do not have"] * bool(strange)
        raise SpecMismatch(
            f"this spec of {kind!r} frames {' and '.join(said)}",
            hint="frames that mean something else are of another kind: give them a name of their own",
        )
    values: dict[str, Any] = {"sample_rate": spec.sample_rate, "hop_length": spec.hop_length}
    for name, wanted in types.items():
        value = spec.params[name]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (number and isinstance(value, (int, wanted)) if wanted is not str else isinstance(value, str)):
            raise SpecMismatch(
                f"this spec of {kind!r} frames states {name} = {value!r}, no {wanted.__name__}"
            )
        values[name] = wanted(value)
    return values


def _width(spec: FeatureSpec, name: str) -> int:
    width = spec.stream(name).width if name in spec.names else None
    if width is None:
        raise SpecMismatch(f"this spec of {spec.kind!r} frames has no stream {name!r} of some values a frame")
    return width


def _demand(
    kind: str, types: dict[str, type], names: tuple[str, ...], widths: dict[str, str], stated: dict[str, Any]
) -> Demand:
    about = {n: stated.pop(n) for n in ("sample_rate", "hop_length") if n in stated}
    wide = {stream: stated.pop(field) for field, stream in widths.items() if field in stated}
    unknown = sorted(stated.keys() - types)
    if unknown:
        raise TypeError(f"{kind!r} frames have no {unknown[0]!r}")
    streams = tuple(Stream(n, width=wide[n]) if n in wide else n for n in names)
    params = {name: stated.get(name, OPEN) for name in types}
    return Demand(kind, streams=streams, params=params, closed=True, **about)


def _stated(demand: Demand, widths: dict[str, tuple[str, int]]) -> dict[str, Any]:
    out = {n: getattr(demand, n) for n in ("sample_rate", "hop_length")} | dict(demand.params)
    for stream in demand.streams:
        if isinstance(stream, Stream) and stream.name in widths and stream.width is not None:
            field, more = widths[stream.name]
            out[field] = stream.width + more
    return {name: value for name, value in out.items() if value is not OPEN}
