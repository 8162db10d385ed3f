/** PUT and DELETE of one key, and POST of a new one under a prefix: each once, however often it is sent. */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Client } from '../client/client.js';
import type { MutateOptions, PutOptions } from '../client/options.js';
import type { MutateResult } from '../client/results.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { Answer, Exchange } from './exchange.js';
import { JSON_TYPE } from './http-server.js';
import { checkNames, levelOf, numberOf } from './kv-query.js';
import { problem } from './problem.js';
import { receiptHeaders } from './receipt-headers.js';
import { valueOf } from './representation.js';
import { entityTag, expectationOf } from './validators.js';

export type Writing = Pick<Client, 'put' | 'create' | 'compareAndSet' | 'delete'>;

export async function putKey(client: Writing, key: string, exchange: Exchange): Promise<Answer> {
  const expect = expectationOf(exchange.headers);
  const options = putOptionsOf(exchange);
  const value = valueOf(await exchange.body(), exchange.headers['content-type']);
  const result = await (expect === undefined
    ? client.put(key, value, options)
    : client.compareAndSet(key, value, { ...options, expect }));
  return written(result.existed === false ? 201 : 200, result);
}

export async function deleteKey(client: Writing, key: string, exchange: Exchange): Promise<Answer> {
  const expect = expectationOf(exchange.headers);
  if (expect === 'absent') throw new FulcrumError(invalidArgument('If-None-Match: * makes no sense with DELETE.'));
  const { query, headers } = exchange;
  checkNames(query, ['level']);
  return written(200, await client.delete(key, { ...mutateOptionsOf(query, headers), expect }));
}

/**
 * Stores the body under a new key, `prefix` and a name of the gateway's. With an Idempotency-Key the name follows from it
 * and the write goes by it (`opId`), so that whoever sends it again within 24 hours, through whichever gateway, gets the
 * first answer and no second entry; with another body that is a 422 (draft-ietf-httpapi-idempotency-key-header).
 */
export async function postUnder(client: Writing, prefix: string, exchange: Exchange): Promise<Answer> {
  const options = putOptionsOf(exchange);
  const key = prefix + (options.opId === undefined ? randomUUID() : nameFrom(prefix, options.opId));
  const value = valueOf(await exchange.body(), exchange.headers['content-type']);
  try {
    const answer = written(201, await client.create(key, value, options));
    return { ...answer, headers: { ...answer.headers, location: locationOf(key) } };
  } catch (error) {
    if (!(error instanceof FulcrumError) || error.code !== 'CONDITION_FAILED') throw error;
    const detail = `${JSON.stringify(key)} is there from an earlier request with this Idempotency-Key, more than 24 hours ago.`;
    return problem(409, detail, { code: error.code, definite: error.definite }, { location: locationOf(key) });
  }
}

function locationOf(key: string): string {
  return `/kv/${key.split('/').map(encodeURIComponent).join('/')}`;
}

function written(status: 200 | 201, { key, version, existed, receipt }: MutateResult): Answer {
  const headers: Record<string, string> = {
    'content-type': JSON_TYPE,
    'cache-control': 'no-store',
    ...receiptHeaders(receipt),
  };
  // What another write has replaced already has no tag to compare with.
  const tag = receipt.superseded ? undefined : entityTag(version);
  if (tag !== undefined) headers['etag'] = tag;
  if (receipt.replayed) headers['idempotency-replayed'] = 'true';
  return { status, headers, body: `${JSON.stringify({ key, version, existed, receipt })}\n` };
}

function putOptionsOf({ query, headers }: Exchange): PutOptions {
  checkNames(query, ['level', 'ttlMs']);
  return { ...mutateOptionsOf(query, headers), ttlMs: numberOf(query, 'ttlMs') };
}

/** A write goes on when its asker has gone: nobody could tell it what became of it. */
function mutateOptionsOf(query: URLSearchParams, headers: IncomingHttpHeaders): MutateOptions {
  return { level: levelOf(query), opId: idempotencyKeyOf(headers) };
}

/** The header is a string of RFC 8941, in quotes; a bare token is taken as well, as most services do. */
function idempotencyKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  const text = String(given).trim();
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  return quoted === undefined ? text : quoted.replace(/\\(.)/g, '$1');
}

function nameFrom(prefix: string, idempotencyKey: string): string {
  return createHash('sha256').update(`${prefix.length}:${prefix}${idempotencyKey}`).digest('hex').slice(0, 32);
}
