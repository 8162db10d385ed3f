import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { credentials, makeGenericClientConstructor, status, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import test, { type ExecutionContext } from 'ava';
import { startWire } from './wire.js';

const PROTOS = join(dirname(createRequire(import.meta.url).resolve('@grpc/reflection')), '../proto/grpc/reflection');

/** `list_services: ""`. */
const WELL_FORMED = Buffer.from([0x3a, 0x00]);

interface Listed {
  readonly listServicesResponse: { readonly service: readonly { readonly name: string }[] };
}

/** What the node answers to this request on a stream of its own. Bytes are sent as they are, and others after them. */
async function ask(t: ExecutionContext, version: string, request: object | Buffer): Promise<unknown> {
  const { server } = await startWire();
  t.teardown(() => server.stop());
  const name = `grpc.reflection.${version}.ServerReflection`;
  const definition = loadSync(join(PROTOS, version, 'reflection.proto'))[name] as ServiceDefinition;
  const info = { ...definition['ServerReflectionInfo']! };
  if (Buffer.isBuffer(request)) info.requestSerialize = (sent: unknown) => sent as Buffer;
  const Client = makeGenericClientConstructor({ info }, name);
  const client = new Client(server.address, credentials.createInsecure());
  t.teardown(() => client.close());
  return new Promise((resolve, reject) => {
    const stream = (client['info'] as unknown as () => NodeJS.ReadWriteStream).call(client);
    stream.on('error', reject);
    stream.on('data', resolve);
    const writer = stream as unknown as { write(message: object): void };
    writer.write(request);
    if (Buffer.isBuffer(request)) for (const also of [WELL_FORMED, request, WELL_FORMED]) writer.write(also);
  });
}

for (const version of ['v1', 'v1alpha']) {
  test(`reflection ${version} lists the services of the node`, async (t) => {
    const { service } = ((await ask(t, version, { listServices: '' })) as Listed).listServicesResponse;
    const own = ['fulcrum.v1.Admin', 'fulcrum.v1.Chaos', 'fulcrum.v1.Kv', 'fulcrum.v1.Peer'];
    t.deepEqual(service.map(({ name }) => name).sort(), own);
  });

  test(`a malformed request to reflection ${version} is refused with a reason`, async (t) => {
    await t.throwsAsync(ask(t, version, Buffer.from([0x0a, 0xff])), {
      code: status.INVALID_ARGUMENT,
      message: /Malformed/,
    });
  });
}
