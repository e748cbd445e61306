/** Clocks that a job may choose, shares of the highest, from the fastest on; below a site's lowest, that one stands for them. */
export const jobClocks: readonly number[] = [1, 0.9, 0.8, 0.75, 0.7, 0.6, 0.5];

/**
 * What a kind of job takes at one clock of every site; see `JobKind` for the tables. `kw` is the power above idle of a busy
 * GPU at each site, null where it is each job's own.
 */
export interface ClockFace {
  /** Clock of each site, a share of the highest. */
  readonly share: Float64Array;
  readonly unitSeconds: Float64Array;
  readonly otherUnitSeconds: Float64Array | null;
  readonly stretch: Float64Array;
  readonly kw: Float64Array | null;
  /** kWh above idle of a unit of each size, where power is each job's own. */
  readonly unitKwh: Float64Array | null;
  readonly otherUnitKwh: Float64Array | null;
}

/** A face whose numbers stay as they are now. */
export const frozenFace = (face: ClockFace): ClockFace => ({
  share: face.share.slice(),
  unitSeconds: face.unitSeconds.slice(),
  otherUnitSeconds: face.otherUnitSeconds?.slice() ?? null,
  stretch: face.stretch.slice(),
  kw: face.kw?.slice() ?? null,
  unitKwh: face.unitKwh?.slice() ?? null,
  otherUnitKwh: face.otherUnitKwh?.slice() ?? null,
});
