import { type InferenceCheck, problem } from './check';

/** A login at a provider comes back to an address that browsers know. */
export const loginComesBack: InferenceCheck = {
  reads: ['security.access', 'traffic.type'],
  *check({ security: { access }, traffic }) {
    if (!access?.oidc || access.publicUrl !== undefined || traffic.type !== 'none') return;
    yield problem(
      'security.access.publicUrl',
      undefined,
      'is missing, and without traffic no host says where browsers come from: the provider could not send them back',
      'write where browsers find the system, such as https://chat.example.org',
    );
  },
};
