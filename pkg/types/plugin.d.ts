import { server } from "./host/server.js";
declare const _default: {
    id: string;
    server: typeof server;
};
export default _default;
