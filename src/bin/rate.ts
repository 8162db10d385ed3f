/** What a bulk command did, and how fast. */
export interface Rate {
  readonly seconds: number;
  readonly perSecond: number;
}

/** `since` and now in milliseconds of performance.now(). */
export function rateOf(count: number, since: number): Rate {
  const seconds = (performance.now() - since) / 1_000;
  return { seconds: Number(seconds.toFixed(3)), perSecond: Math.round(count / Math.max(seconds, 0.001)) };
}

export function describeRate(count: number, { seconds, perSecond }: Rate): string {
  return `${count.toLocaleString('en-US')} in ${seconds.toFixed(1)} s, ${perSecond.toLocaleString('en-US')} a second`;
}
