/** The unary calls of proto/kv.proto: the same operations as on a pipe, one at a time. */
import type {
  MethodDefinition,
  sendUnaryData,
  ServerUnaryCall,
  ServiceDefinition,
  UntypedHandleCall,
} from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import type { Ballot } from '../core/ballot.js';
import { invalidArgument } from '../core/errors.js';
import { defaultLevel, formOf, type Policy } from '../core/policy.js';
import type { Reply, Request } from '../core/request.js';
import type { Kv } from '../ports/kv.js';
import { CLIENT_HEADER, clientIdentity } from './client-identity.js';
import { CodecError } from './codec-error.js';
import { messageProblem } from './message-check.js';
import { refusalOf, statusOf, type CallStatus } from './grpc-errors.js';
import { requestProblem } from './link-frames.js';
import {
  deleteRequest,
  getReplyMessage,
  getRequest,
  listReplyMessage,
  listRequest,
  mutateReplyMessage,
  operationIdOf,
  putRequest,
  type Minter,
  type UnaryGet,
  type UnaryList,
  type UnaryPut,
} from './unary-messages.js';
import { afterLook, lookOf, type Look, type UnaryResolve } from './unary-resolve.js';

/** A message that could not be parsed, so that its sender is told. */
interface Malformed {
  readonly malformed: string;
}

/** Each method reads the fields of its own message. */
type AnyMessage = UnaryGet & UnaryPut & UnaryList & UnaryResolve;

type CarryOut<R> = (what: R, client: string, answer: sendUnaryData<object>) => void;

export interface UnaryServerOptions {
  readonly kv: Kv;
  readonly policy: () => Policy;
  readonly mint: (key: string) => Ballot;
}

export class UnaryServer {
  readonly #kv: Kv;
  readonly #minter: Minter;

  constructor({ kv, policy, mint }: UnaryServerOptions) {
    this.#kv = kv;
    this.#minter = { mint, formOf: (level) => formOf(policy(), level ?? defaultLevel(policy())) };
  }

  get handlers(): Record<string, UntypedHandleCall> {
    return {
      Get: this.#handler(getRequest),
      Put: this.#handler((message) => putRequest(message, this.#minter)),
      Delete: this.#handler((message) => deleteRequest(message, this.#minter)),
      List: this.#handler(listRequest),
      Resolve: this.#resolve(),
    };
  }

  #handler(toRequest: (message: AnyMessage) => Request): UntypedHandleCall {
    const execute: CarryOut<Request> = (request, client, answer) => this.#execute(request, client, answer);
    return this.#handle((message, deadline) => withDeadline(toRequest(message), deadline), execute);
  }

  #resolve(): UntypedHandleCall {
    const toLook = (message: AnyMessage, deadline: Date | number): Look => {
      const { request, isLatency } = lookOf(message, (key) => this.#minter.mint(key));
      return { request: withDeadline(request, deadline), isLatency };
    };
    return this.#handle(toLook, (look, client, answer) => this.#look(look, client, answer));
  }

  #handle<R>(toWork: (message: AnyMessage, deadline: Date | number) => R, carryOut: CarryOut<R>): UntypedHandleCall {
    const handle = (call: ServerUnaryCall<AnyMessage | Malformed, object>, answer: sendUnaryData<object>): void => {
      try {
        if (isMalformed(call.request)) throw new CodecError(call.request.malformed);
        const name = call.metadata.get(CLIENT_HEADER)[0]?.toString();
        const client = clientIdentity(name, call.getPeer());
        carryOut(toWork(call.request, call.getDeadline()), client, answer);
      } catch (error) {
        answer(unaryRefusal(error));
      }
    };
    return handle as UntypedHandleCall;
  }

  #execute(request: Request, client: string, answer: sendUnaryData<object>): void {
    const problem = requestProblem(request);
    if (problem !== undefined) throw new CodecError(problem);
    const operationId = operationIdOf(request);
    const done = (reply: Reply): void => {
      if (reply.kind === 'error') answer(statusOf(reply, operationId));
      else answer(null, replyMessage(reply, operationId));
    };
    this.#kv.execute(request, done, client);
  }

  #look(look: Look, client: string, answer: sendUnaryData<object>): void {
    const done = (reply: Reply): void => {
      const looked = afterLook(look, reply);
      if ('request' in looked) this.#look(looked, client, answer);
      else if ('error' in looked) answer(statusOf(looked.error, ''));
      else answer(null, looked.message);
    };
    this.#kv.execute(look.request, done, client);
  }
}

/** The unary methods of a service, answering what is no valid message with INVALID_ARGUMENT instead of INTERNAL. */
export function withStrictParsing(service: ServiceDefinition): ServiceDefinition {
  const strict: Record<string, Method> = {};
  for (const [name, method] of Object.entries<Method>(service)) {
    strict[name] = method.requestStream ? method : { ...method, requestDeserialize: strictly(method) };
  }
  return strict;
}

type Method = MethodDefinition<object, object> & { readonly requestType?: MessageTypeDefinition<object, object> };

function strictly({ requestDeserialize, requestType }: Method): (bytes: Buffer) => object | Malformed {
  const texts = textFields(requestType);
  return (bytes) => {
    const problem = messageProblem(bytes, texts);
    if (problem !== undefined) return { malformed: `the message has ${problem}` };
    try {
      return requestDeserialize(bytes);
    } catch (error) {
      return { malformed: `the message cannot be parsed: ${String(error)}` };
    }
  };
}

function textFields(message: MessageTypeDefinition<object, object> | undefined): ReadonlySet<number> {
  const { field } = message?.type as { readonly field: readonly { readonly number: number; readonly type: string }[] };
  return new Set(field.filter(({ type }) => type === 'TYPE_STRING').map(({ number }) => number));
}

function unaryRefusal(error: unknown): CallStatus {
  if (!(error instanceof CodecError)) return refusalOf(error);
  return statusOf({ kind: 'error', error: invalidArgument(`${error.message}. Nothing was done.`) }, '');
}

function isMalformed(message: object): message is Malformed {
  return 'malformed' in message;
}

function replyMessage(reply: Exclude<Reply, { kind: 'error' }>, operationId: string): object {
  switch (reply.kind) {
    case 'value':
      return getReplyMessage(reply);
    case 'mutated':
      return mutateReplyMessage(reply, operationId);
    case 'keys':
      return listReplyMessage(reply);
  }
}

/** The caller's gRPC deadline counts as well as the timeout in the message. */
function withDeadline<R extends Request>(request: R, deadline: Date | number): R {
  const remainingMs = Number(deadline) - Date.now();
  return remainingMs < request.timeoutMs ? { ...request, timeoutMs: Math.max(remainingMs, 1) } : request;
}
