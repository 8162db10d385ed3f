/**
 * One of the processes of the floor: keeps what it is sent on a majority of disks, and reads with one other process,
 * over the same streams and the same LevelDB as a node, and does nothing else. No registers, ballots, windows or
 * receipts; nothing is checked, nothing can fail. What a store adds comes on top of this.
 *
 * Started with a channel to its parent: `floor-node.js FOLDER RECORD_BYTES`.
 */
import { mkdir } from 'node:fs/promises';
import { Server, ServerCredentials, type ServerDuplexStream, type UntypedHandleCall } from '@grpc/grpc-js';
import { asIs } from '../../src/adapters/frame-calls.js';
import { DialledStreams } from '../../src/adapters/dialled-streams.js';
import { SERVER_OPTIONS } from '../../src/adapters/grpc-options.js';
import { openLevelDatabase } from '../../src/adapters/level-database.js';
import { LevelWriter } from '../../src/adapters/level-writer.js';
import {
  decodeItems,
  decodeNumbers,
  encodeItems,
  encodeNumbers,
  FLOOR_PATH,
  KIND,
  kindOf,
  numberOf,
  passedOn,
  type FloorItem,
} from './floor-frames.js';

/** Its own disk and one other, of three. */
const MAJORITY = 2;

type Call = ServerDuplexStream<Buffer, Buffer>;

class FloorNode {
  readonly #values = new Map<string, Uint8Array>();
  readonly #peers: DialledStreams[] = [];
  /** By the number of the frame that peers were sent. */
  readonly #waiting = new Map<number, () => void>();
  readonly #answers = new Map<Call, Answers>();
  #lastNumber = 0;

  constructor(
    private readonly writer: LevelWriter,
    private readonly recordBytes: number,
  ) {}

  serve(call: Call): void {
    this.#answers.set(call, new Answers(call));
    call.on('data', (frame: Buffer) => this.#received(frame, call));
    call.on('error', () => call.end());
    call.on('end', () => call.end());
  }

  dial(address: string): void {
    const received = (frame: Buffer): void => {
      for (const number of decodeNumbers(frame)) this.#waiting.get(number)?.();
    };
    const hello = (): Buffer => encodeItems(KIND.puts, []);
    this.#peers.push(new DialledStreams({ address, path: FLOOR_PATH, hello, received, closed: () => process.exit(1) }));
  }

  #received(frame: Buffer, call: Call): void {
    const items = decodeItems(frame);
    const answers = this.#answers.get(call)!;
    switch (kindOf(frame)) {
      case KIND.puts:
        return items.length > 0 ? this.#put(frame, items, answers) : undefined;
      case KIND.reads:
        return this.#read(frame, items, answers);
      case KIND.copies:
        return this.#store(items, () => answers.taken(numberOf(frame)));
      default:
        for (const { key } of items) this.#values.get(key);
        return answers.taken(numberOf(frame));
    }
  }

  #put(frame: Buffer, items: readonly FloorItem[], answers: Answers): void {
    let copies = 0;
    const copied = (): void => {
      copies += 1;
      if (copies === MAJORITY) answers.done(items);
    };
    this.#store(items, copied);
    this.#ask(this.#peers, passedOn(frame, KIND.copies, this.#next(copied)));
  }

  #read(frame: Buffer, items: readonly FloorItem[], answers: Answers): void {
    const number = this.#next(() => {
      answers.values(items.map(({ id, key }) => ({ id, key: '', value: this.#values.get(key)! })));
    });
    this.#ask(this.#peers.slice(0, MAJORITY - 1), passedOn(frame, KIND.comparisons, number));
  }

  #ask(peers: readonly DialledStreams[], frame: Buffer): void {
    for (const peer of peers) peer.send(frame, false);
  }

  #next(taken: () => void): number {
    this.#lastNumber += 1;
    this.#waiting.set(this.#lastNumber, taken);
    // Far more than are ever under way.
    this.#waiting.delete(this.#lastNumber - 2 ** 16);
    return this.#lastNumber;
  }

  #store(items: readonly FloorItem[], stored: () => void): void {
    const changes = items.map(({ key, value }) => {
      const record = Buffer.allocUnsafe(this.recordBytes);
      record.set(value);
      this.#values.set(key, record.subarray(0, value.length));
      return { key, value: record };
    });
    this.writer.write(changes, (error) => (error === null ? stored() : process.exit(1)));
  }
}

/** What one stream is answered in one turn of the event loop. */
class Answers {
  #done: number[] = [];
  #taken: number[] = [];
  #values: FloorItem[] = [];
  #isArmed = false;

  constructor(private readonly call: Call) {}

  done(items: readonly FloorItem[]): void {
    for (const { id } of items) this.#done.push(id);
    this.#arm();
  }

  taken(number: number): void {
    this.#taken.push(number);
    this.#arm();
  }

  values(items: readonly FloorItem[]): void {
    this.#values.push(...items);
    this.#arm();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#isArmed = false;
    if (this.#done.length > 0) this.call.write(encodeNumbers(KIND.done, this.#done));
    if (this.#taken.length > 0) this.call.write(encodeNumbers(KIND.taken, this.#taken));
    if (this.#values.length > 0) this.call.write(encodeItems(KIND.values, this.#values));
    this.#done = [];
    this.#taken = [];
    this.#values = [];
  }
}

async function main(folder: string, recordBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const node = new FloorNode(new LevelWriter(await openLevelDatabase(folder, {}), folder), recordBytes);
  const server = new Server(SERVER_OPTIONS);
  const [requestSerialize, requestDeserialize, responseSerialize, responseDeserialize] = [asIs, asIs, asIs, asIs];
  const codecs = { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize };
  const pipe = { path: FLOOR_PATH, requestStream: true, responseStream: true, ...codecs };
  server.addService({ pipe }, { pipe: ((call: Call) => node.serve(call)) as UntypedHandleCall });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  process.on('disconnect', () => process.exit(0));
  process.on('message', (peers: readonly string[]) => {
    for (const peer of peers) node.dial(peer);
  });
  process.send!(`127.0.0.1:${port}`);
}

await main(process.argv[2]!, Number(process.argv[3]));
