/**
 * Reads what {@link FrameWriter} wrote, and trusts none of it: every length is checked against what is really
 * there before anything is made from it, there are no maps, extensions or nesting to follow, and whatever is
 * not expected is a CodecError.
 */
import { CodecError } from './codec-error.js';
import { ENVELOPE_TAG } from './frame-writer.js';

export class FrameReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at: number;

  /** @param message - a serialized `message Frame { bytes payload = 1; }` */
  constructor(message: Buffer) {
    this.#bytes = message;
    this.#view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    this.#at = 0;
    this.#openEnvelope();
  }

  /** Nothing may follow: a frame with something behind it is not one of ours. */
  end(): void {
    if (this.#at !== this.#bytes.length)
      throw new CodecError(`${this.#bytes.length - this.#at} bytes after the end of the frame`);
  }

  bool(): boolean {
    const token = this.#token();
    if (token !== 0xc2 && token !== 0xc3) throw this.#unexpected('a boolean', token);
    return token === 0xc3;
  }

  /** A finite number. */
  number(): number {
    const token = this.#token();
    if (token < 0x80) return token;
    if (token !== 0xcb) throw this.#unexpected('a number', token);
    const value = this.#view.getFloat64(this.#take(8));
    if (!Number.isFinite(value)) throw new CodecError('a number that is not finite');
    return value;
  }

  /** An integer from 0 to `max`. */
  uint(max: number): number {
    const value = this.number();
    if (!Number.isInteger(value) || value < 0 || value > max)
      throw new CodecError(`${value} is not an integer from 0 to ${max}`);
    return value;
  }

  optionalUint(max: number): number | undefined {
    return this.nil() ? undefined : this.uint(max);
  }

  /** Whether the next token is nil; it is consumed if so. */
  nil(): boolean {
    if (this.#at >= this.#bytes.length || this.#bytes[this.#at] !== 0xc0) return false;
    this.#at += 1;
    return true;
  }

  /** Whether the next token is an empty text; it is consumed if so. */
  emptyText(): boolean {
    if (this.#at >= this.#bytes.length || this.#bytes[this.#at] !== 0xa0) return false;
    this.#at += 1;
    return true;
  }

  /** Whether the next token begins a column of bytes. */
  atColumn(): boolean {
    const token = this.#bytes[this.#at];
    return token === 0xc4 || token === 0xc5 || token === 0xc6;
  }

  /** A text of at most `max` bytes of UTF-8. */
  text(max: number): string {
    const token = this.#token();
    const length = (token & 0xe0) === 0xa0 ? token & 0x1f : this.#length(token, 0xd9, 'a text');
    if (length > max) throw new CodecError(`a text of ${length} bytes where at most ${max} are allowed`);
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** The length of an array of at most `max` items, which follow. */
  array(max: number): number {
    const token = this.#token();
    let length = token & 0x0f;
    if (token === 0xdc) length = this.#view.getUint16(this.#take(2));
    else if ((token & 0xf0) !== 0x90) throw this.#unexpected('an array', token);
    if (length > max) throw new CodecError(`an array of ${length} items where at most ${max} are allowed`);
    return length;
  }

  /** An array of exactly this many items. */
  tuple(length: number): void {
    const found = this.array(length);
    if (found !== length) throw new CodecError(`an array of ${found} items where ${length} are expected`);
  }

  texts(countMax: number, bytesMax: number): string[] {
    const count = this.array(countMax);
    const texts: string[] = [];
    for (let i = 0; i < count; i += 1) texts.push(this.text(bytesMax));
    return texts;
  }

  /** Where a column of exactly `length` raw bytes begins; the `get` methods read it. */
  column(length: number): number {
    const found = this.#columnLength();
    if (found !== length) throw new CodecError(`a column of ${found} bytes where ${length} are expected`);
    return this.#take(length);
  }

  /** A column whose length is not known from elsewhere. */
  openColumn(): { readonly at: number; readonly length: number } {
    const length = this.#columnLength();
    return { at: this.#take(length), length };
  }

  getByte(at: number): number {
    return this.#bytes[at]!;
  }

  getWord(at: number): number {
    return this.#view.getUint16(at, true);
  }

  getUint(at: number): number {
    return this.#view.getUint32(at, true);
  }

  getFloat(at: number): number {
    return this.#view.getFloat64(at, true);
  }

  /** A view of the frame: copy it before it is kept. */
  getBytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
  }

  getLatin1(at: number, end: number): string {
    return this.#bytes.toString('latin1', at, end);
  }

  getUtf8(at: number, end: number): string {
    return this.#bytes.toString('utf8', at, end);
  }

  #columnLength(): number {
    return this.#length(this.#token(), 0xc4, 'a column of bytes');
  }

  #length(token: number, first: number, expected: string): number {
    if (token === first) return this.#bytes[this.#take(1)]!;
    if (token === first + 1) return this.#view.getUint16(this.#take(2));
    if (token === first + 2) return this.#view.getUint32(this.#take(4));
    throw this.#unexpected(expected, token);
  }

  #token(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw new CodecError('the frame ends in the middle');
    this.#at = at + length;
    return at;
  }

  #unexpected(expected: string, token: number): CodecError {
    return new CodecError(`byte ${this.#at - 1} is 0x${token.toString(16)} where ${expected} is expected`);
  }

  #openEnvelope(): void {
    if (this.#token() !== ENVELOPE_TAG) throw new CodecError('not a Frame message with a payload');
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#token();
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      if (shift > 28) throw new CodecError('a payload length that does not end');
    }
    if (length !== this.#bytes.length - this.#at)
      throw new CodecError('a payload length that is not the length of the payload');
  }
}
