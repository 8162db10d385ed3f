/** The services of proto/, as grpc-js wants them. Frames go through untouched: their codecs are ours. */
import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { asIs } from './frame-calls.js';

const PROTO_FOLDER = fileURLToPath(new URL('../../../proto/', import.meta.url));

export const PROTO_PACKAGE: PackageDefinition = loadSync(['kv.proto', 'peer.proto', 'admin.proto', 'chaos.proto'], {
  includeDirs: [PROTO_FOLDER],
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
});

export const KV_SERVICE_NAME = 'fulcrum.v1.Kv';
export const KV_SERVICE = withFrames(serviceOf(KV_SERVICE_NAME), 'Pipe');
export const PEER_SERVICE = withFrames(serviceOf('fulcrum.v1.Peer'), 'Link');
export const ADMIN_SERVICE = serviceOf('fulcrum.v1.Admin');
export const CHAOS_SERVICE = serviceOf('fulcrum.v1.Chaos');

function serviceOf(name: string): ServiceDefinition {
  return PROTO_PACKAGE[name] as ServiceDefinition;
}

function withFrames(service: ServiceDefinition, method: string): ServiceDefinition {
  const { path, requestStream, responseStream } = service[method]!;
  const definition: MethodDefinition<Buffer, Buffer> = {
    path,
    requestStream,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  return { ...service, [method]: definition };
}
