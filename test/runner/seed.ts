// fast-check prints the seed of what fails; in the gate it is always the same.
import fc from 'fast-check';
import { byLane, SEED } from '../support/lane.ts';

fc.configureGlobal(byLane({ test: { seed: SEED }, all: {} }));
