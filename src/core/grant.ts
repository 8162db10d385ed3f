/** The two answers of whatever may turn a call away. */

export interface Grant {
  readonly granted: true;
}

export interface Refusal {
  readonly granted: false;
  /** When asking again may help, in milliseconds from the time that was passed in. */
  readonly retryAfterMs: number;
}

/** Shared, so that being let through allocates nothing. */
export const GRANTED: Grant = { granted: true };

export function refusal(retryAfterMs: number): Refusal {
  return { granted: false, retryAfterMs };
}
