/** The library's tests, compiled one file at a time by swc; types are checked by `npm run typecheck`. */
module.exports = {
  testEnvironment: 'node',
  // All cores: of two, jest would use one. The clouds' SDKs make workers grow, so they are replaced in between.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Generous, so that a busy machine fails nothing.
  testTimeout: 60_000,
  // What needs a cluster has scripts of its own: `npm run test:server`, `npm run test:e2e`, `npm run test:pulumi`.
  testPathIgnorePatterns: ['<rootDir>/test/server/', '<rootDir>/test/e2e/', '<rootDir>/test/pulumi/'],
  moduleFileExtensions: ['ts', 'cts', 'js', 'json', 'node'],
  moduleNameMapper: {
    '^(.*)/(contract|metrics)\\.cjs$': '$1/$2.cts',
    // The runtime's configuration, which names its modules as they are when they are built.
    '^(\\./schema/.+|\\./fields|\\.\\./\\.\\./models/model-source)\\.js$': '$1',
  },
  transform: {
    '\\.c?ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
