import type { LabRecord } from './record.ts';

interface BoundLab {
  readonly record: LabRecord;
  readonly stop: () => Promise<void>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const labs = new Set<BoundLab>();

/**
 * Ties a lab's life to this process: a signal without other listeners stops the lab in order and ends the process
 * then; at any other end (an uncaught exception, `process.exit()`) the lab is removed at once. Returns how to untie them.
 */
export function bindToProcess(record: LabRecord, stop: () => Promise<void>): () => void {
  const lab = { record, stop };
  labs.add(lab);
  if (labs.size === 1) {
    // First of all listeners: those that listen once are no longer counted after they were called.
    for (const signal of signals) process.prependListener(signal, onSignal);
    process.on('exit', onExit);
  }
  return () => {
    labs.delete(lab);
    if (labs.size === 0) stopListening();
  };
}

function stopListening(): void {
  for (const signal of signals) process.off(signal, onSignal);
  process.off('exit', onExit);
}

function onSignal(signal: NodeJS.Signals): void {
  // Other listeners decide what is stopped when, and `exit` removes what they leave.
  if (process.listenerCount(signal) > 1) return;
  void Promise.allSettled([...labs].map(({ stop }) => stop())).then(() => {
    stopListening();
    process.kill(process.pid, signal);
  });
}

function onExit(): void {
  for (const { record } of labs) record.release();
}
