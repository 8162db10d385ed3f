/** Watches a node from outside, over Admin.Watch. */
import { Client } from '@grpc/grpc-js';
import type { FulcrumError } from '../core/errors.js';
import type { LiveSample } from '../core/live-sample.js';
import { fromGrpc } from './grpc-errors.js';
import { ADMIN_SERVICE } from './grpc-services.js';
import { PLAIN, type Dialling } from './tls-credentials.js';

export interface NodeWatcher {
  onSample(sample: LiveSample): void;
  /** The stream is over; undefined: the node ended it in good order. */
  onEnd(reason: FulcrumError | undefined): void;
}

/** Returns what ends it; after that nothing is told any more. Nothing keeps the process alive but the stream itself. */
export function watchNode(address: string, watcher: NodeWatcher, dialling: Dialling = PLAIN): () => void {
  const { path, requestSerialize, responseDeserialize } = ADMIN_SERVICE['Watch']!;
  const { credentials, options } = dialling(address);
  const client = new Client(address, credentials, options);
  const call = client.makeServerStreamRequest<object, object>(path, requestSerialize, responseDeserialize, {});
  let isOver = false;
  const end = (told: boolean, reason?: FulcrumError): void => {
    if (isOver) return;
    isOver = true;
    call.cancel();
    client.close();
    if (told) watcher.onEnd(reason);
  };
  call.on('data', (message: object) => {
    if (!isOver) watcher.onSample(plain(message) as LiveSample);
  });
  call.on('error', (error) => end(true, fromGrpc(error, address, true)));
  call.on('end', () => end(true));
  return () => end(false);
}

/** Without the loader's notes of which optional fields are there, whose names begin with "_". */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !name.startsWith('_'));
  return Object.fromEntries(entries.map(([name, field]) => [name, plain(field)]));
}
