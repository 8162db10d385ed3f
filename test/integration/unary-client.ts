/** A client of the unary calls, as one in another language would be. */
import { Client, credentials, Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { KV_SERVICE } from '../../src/adapters/grpc-services.js';

export interface UnaryReceipt {
  readonly coordinator: string;
}

export class UnaryClient {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  /** `name`: what limits for each client know it by. */
  constructor(address: string, name?: string, given: ChannelCredentials = credentials.createInsecure()) {
    this.#client = new Client(address, given);
    if (name !== undefined) this.#metadata.set('fulcrum-client', name);
  }

  get(key: string): Promise<{ readonly value: Buffer; readonly receipt: UnaryReceipt }> {
    return this.#call('Get', { key });
  }

  put(key: string, value: string): Promise<{ readonly receipt: UnaryReceipt }> {
    return this.#call('Put', { key, value: Buffer.from(value) });
  }

  close(): void {
    this.#client.close();
  }

  #call<T>(method: string, message: object): Promise<T> {
    const { path, requestSerialize, responseDeserialize } = KV_SERVICE[method]!;
    const options = { deadline: Date.now() + 5_000 };
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, reply?: unknown): void => {
        if (error === null) resolve(reply as T);
        else reject(error);
      };
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        this.#metadata,
        options,
        done,
      );
    });
  }
}

/** The stable code of an error of a unary call. */
export function codeOf(error: unknown): string | undefined {
  return (error as Partial<ServiceError>).metadata?.get('fulcrum-code')[0]?.toString();
}
