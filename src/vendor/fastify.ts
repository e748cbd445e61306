/** Fastify. The build joins it into one file with version 1 of `cookie`, because version 2 wants Node 22. */
export { fastify } from 'fastify';
export type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
