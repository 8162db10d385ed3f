/** How much went through, as the metrics of the real Toxiproxy count it. */
import type { Direction } from './toxic.js';

/** The proxy that it went through. */
interface Counted {
  readonly name: string;
  readonly place: { readonly listen: string; readonly upstream: string };
}

type Counter = 'received' | 'sent';

export class ByteCounts {
  readonly #totals = new Map<string, number>();

  received(proxy: Counted, direction: Direction, bytes: number): void {
    this.#add('received', proxy, direction, bytes);
  }

  sent(proxy: Counted, direction: Direction, bytes: number): void {
    this.#add('sent', proxy, direction, bytes);
  }

  /** In the text format of Prometheus. */
  text(): string {
    const lines = (['received', 'sent'] as const).flatMap((counter) => {
      const name = `toxiproxy_proxy_${counter}_bytes_total`;
      const samples = [...this.#totals].filter(([sample]) => sample.startsWith(name));
      return samples.length === 0 ? [] : [`# HELP ${name} `, `# TYPE ${name} counter`, ...samples.map(lineOf)];
    });
    return lines.map((line) => `${line}\n`).join('');
  }

  #add(counter: Counter, { name, place }: Counted, direction: Direction, bytes: number): void {
    const labels = { direction, listener: place.listen, proxy: name, upstream: place.upstream };
    const text = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    const sample = `toxiproxy_proxy_${counter}_bytes_total{${text.join(',')}}`;
    this.#totals.set(sample, (this.#totals.get(sample) ?? 0) + bytes);
  }
}

function lineOf([sample, total]: readonly [string, number]): string {
  return `${sample} ${total}`;
}
