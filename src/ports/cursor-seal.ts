/** What makes a cursor a text that nobody else can make. */
export interface CursorSeal {
  /** At least 16 bytes that only who knows the secret can tell. */
  mac(secret: string, bytes: Uint8Array): Uint8Array;
  /** Letters, digits, `-` and `_` alone, for URLs. */
  toText(bytes: Uint8Array): string;
  /** undefined: this is no text that `toText` makes. */
  fromText(text: string): Uint8Array | undefined;
}
