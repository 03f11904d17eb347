import fc from 'fast-check';

/** Tests of properties draw the same cases on every machine; with the environment's `FUZZ_SEED` they draw others. */
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) });

export default fc;
