/** Something that must never happen, happened. */
export class Violation extends Error {
  /** `invariant`: its name in a few words; the same for every run that breaks it. */
  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(message);
  }
}
