/** The toxics of one proxy, in the order in which data meets them, and how they are read from requests. */
import { invalidStream, invalidToxicType, toxicExists, toxicNotFound } from './api-error.js';
import { fieldsOf, numberField, textField, wholeField, type Fields } from './json-fields.js';
import type { Attributes, Direction, Toxic, ToxicKind } from './toxic.js';
import { bandwidth } from './toxics/bandwidth.js';
import { latency } from './toxics/latency.js';
import { limitData } from './toxics/limit-data.js';
import { noop } from './toxics/noop.js';
import { resetPeer } from './toxics/reset-peer.js';
import { slicer } from './toxics/slicer.js';
import { slowClose } from './toxics/slow-close.js';
import { timeout } from './toxics/timeout.js';

const KINDS: Readonly<Record<string, ToxicKind>> = {
  bandwidth,
  latency,
  limit_data: limitData,
  noop,
  reset_peer: resetPeer,
  slicer,
  slow_close: slowClose,
  timeout,
};

/** In JSON. */
export interface ToxicView {
  readonly attributes: Attributes;
  readonly name: string;
  readonly type: string;
  readonly stream: string;
  readonly toxicity: number;
}

export class ToxicChain {
  #toxics: Toxic[] = [];

  /** Upstream first. */
  get all(): readonly Toxic[] {
    return [...this.of('upstream'), ...this.of('downstream')];
  }

  of(direction: Direction): readonly Toxic[] {
    return this.#toxics.filter((toxic) => toxic.direction === direction);
  }

  /** Throws where there is none of this name. */
  find(name: string): Toxic {
    const toxic = this.#toxics.find((one) => one.name === name);
    if (toxic === undefined) throw toxicNotFound();
    return toxic;
  }

  add(body: unknown): Toxic {
    const toxic = this.#parse(fieldsOf(body, 'toxics.ToxicWrapper'));
    this.#toxics.push(toxic);
    return toxic;
  }

  /** Only attributes and toxicity change, and of them those that are given. */
  update(name: string, body: unknown): Toxic {
    const toxic = this.find(name);
    const fields = fieldsOf(body, 'toxics.ToxicWrapper');
    const attributes = attributesOf(fields, toxic.attributes);
    toxic.toxicity = numberField(fields, 'toxicity', toxic.toxicity);
    Object.assign(toxic.attributes, attributes);
    return toxic;
  }

  remove(name: string): Toxic {
    const toxic = this.find(name);
    this.#toxics = this.#toxics.filter((one) => one !== toxic);
    return toxic;
  }

  clear(): readonly Toxic[] {
    const { all } = this;
    this.#toxics = [];
    return all;
  }

  #parse(fields: Fields): Toxic {
    fieldsOf(fields['attributes'], 'toxics.NoopToxic');
    const type = textField(fields, 'type', '');
    const stream = textField(fields, 'stream', 'downstream');
    const toxicity = numberField(fields, 'toxicity', 1);
    const name = textField(fields, 'name', '') || `${type}_${stream}`;
    const direction = stream.toLowerCase();
    if (direction !== 'upstream' && direction !== 'downstream') throw invalidStream();
    const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
    if (kind === undefined) throw invalidToxicType();
    if (this.#toxics.some((toxic) => toxic.name === name)) throw toxicExists();
    return { name, type, kind, stream, direction, toxicity, attributes: attributesOf(fields, kind.defaults) };
  }
}

export function viewOf({ attributes, name, type, stream, toxicity }: Toxic): ToxicView {
  return { attributes, name, type, stream, toxicity };
}

function attributesOf(fields: Fields, defaults: Attributes): Attributes {
  const given = fieldsOf(fields['attributes'], 'toxics.Toxic');
  return Object.fromEntries(
    Object.entries(defaults).map(([name, otherwise]) => [name, wholeField(given, name, otherwise)]),
  );
}
