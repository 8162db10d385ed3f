/** Asks a node for faults inside it (proto/chaos.proto). */
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { FulcrumError } from '../core/errors.js';
import type { ChaosState, ClockFault, DiskFault } from '../ports/chaos.js';
import { fromGrpc } from './grpc-errors.js';
import { CHAOS_SERVICE } from './grpc-services.js';

const CALL_TIMEOUT_MS = 5_000;

/** One call on a connection of its own; rejects with a FulcrumError. */
function call(address: string, method: string, request: object): Promise<ChaosState> {
  const { path, requestSerialize, responseDeserialize } = CHAOS_SERVICE[method]!;
  const client = new Client(address, credentials.createInsecure());
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
    { code, message: `${address}: ${error.details}`, definite: !retryable, retryable },
    { cause: error },
  );
}

export function chaosState(address: string): Promise<ChaosState> {
  return call(address, 'State', {});
}

export function setClock(address: string, fault: ClockFault): Promise<ChaosState> {
  return call(address, 'SetClock', fault);
}

export function setDisk(address: string, fault: DiskFault): Promise<ChaosState> {
  return call(address, 'SetDisk', fault);
}
