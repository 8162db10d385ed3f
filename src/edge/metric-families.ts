/** Short forms of metric families. */
import type { Labels, MetricFamily, Sample } from '../ports/metrics.js';

export function gauge(name: string, help: string, value: number): MetricFamily {
  return { kind: 'gauge', name, help, samples: [sample(value)] };
}

export function counter(name: string, help: string, value: number): MetricFamily {
  return counters(name, help, [sample(value)]);
}

export function counters(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { kind: 'counter', name, help, samples };
}

export function gauges(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { kind: 'gauge', name, help, samples };
}

export function sample(value: number, labels: Labels = {}): Sample {
  return { labels, value };
}

export function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1_000;
}
