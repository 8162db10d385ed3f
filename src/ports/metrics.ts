/** Measurements by name, as monitoring systems know them. */
export type Labels = Readonly<Record<string, string>>;

export type MetricFamily = CounterFamily | GaugeFamily | HistogramFamily;

interface FamilyHead {
  /** With its unit at the end. */
  readonly name: string;
  readonly help: string;
}

/** Only grows while the process lives. */
export interface CounterFamily extends FamilyHead {
  readonly kind: 'counter';
  readonly samples: readonly Sample[];
}

export interface GaugeFamily extends FamilyHead {
  readonly kind: 'gauge';
  readonly samples: readonly Sample[];
}

export interface HistogramFamily extends FamilyHead {
  readonly kind: 'histogram';
  /** Upper bounds of the buckets, rising. */
  readonly bounds: readonly number[];
  readonly series: readonly HistogramSeries[];
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface HistogramSeries {
  readonly labels: Labels;
  readonly count: number;
  readonly sum: number;
  /** Not cumulative; one longer than the bounds, the last one holding everything above them. */
  readonly buckets: readonly number[];
}

/** What a monitoring system scrapes. */
export interface MetricsPage {
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
}
