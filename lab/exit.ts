import type { LabRecord } from './record.ts';

interface BoundLab {
  readonly record: LabRecord;
  readonly stop: () => Promise<void>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const labs = new Set<BoundLab>();

/**
 * Ties a lab's life to this process: a signal that ends the process stops the lab in order first, any other end (an
 * uncaught exception, `process.exit()`) removes it at once. Returns how to untie them.
 */
export function bindToProcess(record: LabRecord, stop: () => Promise<void>): () => void {
  const lab = { record, stop };
  labs.add(lab);
  if (labs.size === 1) {
    for (const signal of signals) process.on(signal, onSignal);
    process.on('exit', onExit);
  }
  return () => {
    labs.delete(lab);
    if (labs.size > 0) return;
    for (const signal of signals) process.off(signal, onSignal);
    process.off('exit', onExit);
  };
}

function onSignal(signal: NodeJS.Signals): void {
  // Whoever else listens decides when the process ends. Where nobody does, it ends as it would have without us.
  const nobodyElse = process.listenerCount(signal) === 1;
  void Promise.allSettled([...labs].map(({ stop }) => stop())).then(() => {
    if (nobodyElse) process.kill(process.pid, signal);
  });
}

function onExit(): void {
  for (const { record } of labs) record.release();
}
