/** The tests that need a real API server: KUBECONFIG and kubectl. */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/server'],
  testPathIgnorePatterns: [],
};
