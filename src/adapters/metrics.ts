/** Metrics in the Prometheus text format, together with what prom-client knows of the process itself. */
import type { Metric, Registry } from 'prom-client';
import type { HistogramFamily, HistogramSeries, MetricFamily, MetricsPage } from '../ports/metrics.js';

/**
 * `collect` is asked at every scrape; it always gives families of the same names. The library is loaded, and begins to
 * watch the event loop and the garbage collector, with the first scrape: a node that nobody scrapes does without.
 */
export function createMetrics(collect: () => readonly MetricFamily[]): MetricsPage {
  let families: readonly MetricFamily[] = [];
  let opening: Promise<Registry> | undefined;
  const open = async (): Promise<Registry> => {
    const { collectDefaultMetrics, Registry } = await import('prom-client');
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    families.forEach(({ name }, index) => registry.registerMetric(presetMetric(name, () => families[index]!)));
    return registry;
  };
  return {
    scrape: async () => {
      families = collect();
      opening ??= open();
      const registry = await opening;
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

interface PromValue {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What was counted elsewhere: the registry asks a metric for its values and nothing more. */
function presetMetric(name: string, family: () => MetricFamily): Metric {
  const get = () => {
    const now = family();
    return Promise.resolve({ name, help: now.help, type: now.kind, values: valuesOf(now), aggregator: 'sum' });
  };
  return { name, get } as unknown as Metric;
}

function valuesOf(family: MetricFamily): readonly PromValue[] {
  return family.kind === 'histogram' ? family.series.flatMap((one) => seriesValues(family, one)) : family.samples;
}

function seriesValues({ name, bounds }: HistogramFamily, series: HistogramSeries): PromValue[] {
  const { labels, count, sum } = series;
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += series.buckets[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
