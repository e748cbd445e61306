FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm run build && npm pack --pack-destination /build/packed

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/jouleflow
COPY --from=build /build/packed/ packed/
RUN npm install --ignore-scripts --no-audit --no-fund ./packed/jouleflow-*.tgz \
    && rm -r packed \
    && ln -s /opt/jouleflow/node_modules/.bin/jouleflow /usr/local/bin/jouleflow \
    && npm cache clean --force
USER 1000:1000
WORKDIR /home/node
EXPOSE 8321 8322
ENTRYPOINT ["jouleflow"]
CMD ["--help"]
