/** Bytes that are not what they claim to be. The message says what is wrong with them. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}
