export { checkPod } from './check-pod.ts';
export { labelFault } from './names.ts';
export { podProblemText, type PodProblem } from './pod-problem.ts';
