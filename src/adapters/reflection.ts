/**
 * gRPC server reflection, in both of its versions. Loading it and indexing the protos takes a tenth of a node's start,
 * and most nodes are never asked: it is made when somebody asks first.
 */
import type { MethodDefinition, Server, ServerDuplexStream, ServiceDefinition, UntypedHandleCall } from '@grpc/grpc-js';
import { asIs, type FrameCall } from './frame-calls.js';
import { CodecError } from './codec-error.js';
import { refusalOf } from './grpc-errors.js';
import { PROTO_PACKAGE } from './grpc-services.js';

const VERSIONS = ['v1', 'v1alpha'] as const;
const METHOD = 'ServerReflectionInfo';

type Adding = Pick<Server, 'addService'>;
type Info = MethodDefinition<unknown, unknown>;

/** What the library would have added to a server. */
interface Reflection {
  readonly info: Info;
  readonly handle: (stream: Stream) => void;
}

/** As much of a gRPC stream as the library uses. */
interface Stream {
  on(event: 'data' | 'end', listener: (message?: unknown) => void): void;
  write(message: unknown): void;
  end(): void;
}

export function addReflection(server: Adding): void {
  let made: Promise<ReadonlyMap<string, Reflection>> | undefined;
  for (const version of VERSIONS) {
    const path = `/grpc.reflection.${version}.ServerReflection/${METHOD}`;
    const serve = (call: FrameCall): void => {
      made ??= makeReflection();
      made.then(
        (services) => answer(call, services.get(path)!),
        (error: unknown) => call.emit('error', refusalOf(error)),
      );
    };
    server.addService(bytesService(path), { [METHOD]: serve as UntypedHandleCall });
  }
}

function bytesService(path: string): ServiceDefinition {
  const definition: MethodDefinition<Buffer, Buffer> = {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  return { [METHOD]: definition };
}

/** By the path of the method. */
async function makeReflection(): Promise<ReadonlyMap<string, Reflection>> {
  const { ReflectionService } = await import('@grpc/reflection');
  const services = new Map<string, Reflection>();
  const collector: Adding = {
    addService: (definition, handlers) => {
      const info = definition[METHOD] as Info;
      services.set(info.path, { info, handle: handlers[METHOD] as unknown as Reflection['handle'] });
    },
  };
  new ReflectionService(PROTO_PACKAGE).addToServer(collector);
  return services;
}

/** A stream whose request could not be read is over: what else is on its way is not answered. */
function answer(call: ServerDuplexStream<Buffer, Buffer>, { info, handle }: Reflection): void {
  let isRefused = false;
  handle({
    on: (event, listener) => {
      if (event === 'end') call.on('end', () => listener());
      else
        call.on('data', (bytes: Buffer) => {
          if (isRefused) return;
          const message = parsed(info, bytes);
          isRefused = message instanceof CodecError;
          if (isRefused) call.emit('error', refusalOf(message));
          else listener(message);
        });
    },
    write: (message) => {
      call.write(info.responseSerialize(message));
    },
    end: () => {
      call.end();
    },
  });
}

function parsed(info: Info, bytes: Buffer): unknown {
  try {
    return info.requestDeserialize(bytes);
  } catch (cause) {
    return new CodecError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
