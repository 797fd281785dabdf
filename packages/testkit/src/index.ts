export { describeStore } from './describe-store.ts';
export type { StoreUnderTest } from './store/context.ts';
