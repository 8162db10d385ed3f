/** The hook as its documentation shows it, with OpenTelemetry's own tracer. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import test from 'ava';
import type { CallHook } from '../../src/client/telemetry.js';
import { connected, fails, goodReply, keyOf, settled } from './connected.js';
import { errorReply } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

test('OpenTelemetry’s tracer plugs in: a span for each call, with its attributes, and its error', async (t) => {
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('shop');
  const onCall: CallHook = ({ name, attributes }) => {
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
    return ({ attributes: outcome, error }) => {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      span.setAttributes(outcome).end();
    };
  };
  const here = await connected({ onCall });
  here.cluster.script = goodReply;
  await settled(here, here.client.get(KEY, { level: 'ONE' }));
  here.cluster.script = () => errorReply('CONDITION_FAILED', { retryable: false });
  await fails(t, settled(here, here.client.create(KEY, 1)), 'CONDITION_FAILED');

  const [got, created, ...more] = exporter.getFinishedSpans();
  t.deepEqual(more, []);
  t.like(got, { name: 'fulcrum get', kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
  t.deepEqual(got?.attributes, {
    'db.system.name': 'fulcrum',
    'db.operation.name': 'get',
    'fulcrum.level': 'ONE',
    'fulcrum.attempts': 1,
    'fulcrum.hedges': 0,
    'fulcrum.node': 'n1',
  });
  t.like(created, { name: 'fulcrum create', status: { code: SpanStatusCode.ERROR } });
  t.is(created?.attributes['error.type'], 'CONDITION_FAILED');
});
