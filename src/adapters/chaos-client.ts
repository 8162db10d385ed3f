/** Asks a node for faults inside it (proto/chaos.proto). */
import { Client, type ServiceError } from '@grpc/grpc-js';
import { FulcrumError } from '../core/errors.js';
import type { ChaosState, ClockFault, DiskFault } from '../ports/chaos.js';
import type { Tls } from '../ports/tls.js';
import { fromGrpc, saidBy } from './grpc-errors.js';
import { CHAOS_SERVICE } from './grpc-services.js';
import { diallingWith } from './tls-credentials.js';

const CALL_TIMEOUT_MS = 5_000;

/** One call on a connection of its own; rejects with a FulcrumError. Without `tls` the connection is plain. */
function call(address: string, method: string, request: object, tls: Tls | undefined): Promise<ChaosState> {
  const { path, requestSerialize, responseDeserialize } = CHAOS_SERVICE[method]!;
  const { credentials, options } = diallingWith(tls)(address);
  const client = new Client(address, credentials, options);
  return new Promise<ChaosState>((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => ChaosState,
      request,
      { deadline: Date.now() + CALL_TIMEOUT_MS },
      (error: ServiceError | null, state?: ChaosState) => {
        if (error === null) resolve(state!);
        else reject(refusedBy(address, error));
      },
    );
  }).finally(() => client.close());
}

/** Setting a fault again is the same fault, so that an unanswered call may simply be repeated. */
function refusedBy(address: string, error: ServiceError): FulcrumError {
  const { code } = fromGrpc(error, address, false);
  const retryable = code !== 'INVALID_ARGUMENT';
  return new FulcrumError(
    { code, message: `${address}: ${saidBy(error)}`, definite: !retryable, retryable },
    { cause: error },
  );
}

export function chaosState(address: string, tls?: Tls): Promise<ChaosState> {
  return call(address, 'State', {}, tls);
}

export function setClock(address: string, fault: ClockFault, tls?: Tls): Promise<ChaosState> {
  return call(address, 'SetClock', fault, tls);
}

export function setDisk(address: string, fault: DiskFault, tls?: Tls): Promise<ChaosState> {
  return call(address, 'SetDisk', fault, tls);
}
