/** Cursors as callers see them: opaque texts, made and checked. */
import { decodeCursor, encodeCursor, openCursor, rangeFingerprint, type Cursor } from '../core/cursor.js';
import type { KeyRange } from '../core/key-range.js';
import type { Level } from '../core/level.js';
import { joinMac, sameMac } from '../core/mac.js';
import type { CursorSeal } from '../ports/cursor-seal.js';
import { refuse } from './options.js';

export class Cursors {
  readonly #seal: CursorSeal;
  readonly #secret: string;

  /**
   * @param secret - what the caller keeps to itself; undefined: the cluster's name stands in for it, which tells a
   * cursor that was damaged or belongs elsewhere, but keeps nobody from making one up who knows that name
   */
  constructor(seal: CursorSeal, cluster: string, secret: string | undefined) {
    this.#seal = seal;
    this.#secret = secret === undefined ? `fulcrum cursor of cluster ${cluster}` : `fulcrum cursor by secret ${secret}`;
  }

  make(range: KeyRange, level: Level, position: string): string {
    const { reverse } = range;
    const encoded = encodeCursor({ level, fingerprint: rangeFingerprint(range), reverse, position });
    return this.#seal.toText(joinMac(encoded, this.#seal.mac(this.#secret, encoded)));
  }

  /** Throws INVALID_ARGUMENT for a cursor that is none, or was made for another range or another level. */
  read(text: unknown, range: KeyRange, level: Level | undefined): Cursor {
    const cursor = this.#open(text);
    if (cursor.reverse !== range.reverse || cursor.fingerprint !== rangeFingerprint(range)) {
      refuse(
        'the cursor was made with other options: pass the same prefix, from, to and reverse with it as to the page ' +
          'it came from, or begin without a cursor',
      );
    }
    if (level !== undefined && level !== cursor.level) {
      refuse(
        `the cursor was made at level ${cursor.level}, and this call asks for ${level}: leave the level out to go on ` +
          `at ${cursor.level}, or begin without a cursor`,
      );
    }
    return cursor;
  }

  #open(text: unknown): Cursor {
    if (typeof text !== 'string') refuse(`a cursor must be a text, not ${typeof text}`);
    const parts = openCursor(this.#seal.fromText(text));
    if (typeof parts === 'string') refuse(`the cursor ${parts}`);
    const cursor = sameMac(parts.mac, this.#seal.mac(this.#secret, parts.encoded))
      ? decodeCursor(parts.encoded)
      : undefined;
    return (
      cursor ??
      refuse(
        'the cursor was changed on its way, or belongs to another cluster or another cursorSecret: pass nextCursor ' +
          'of the page before as it is, or begin without a cursor',
      )
    );
  }
}
