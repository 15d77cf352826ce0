import { render } from "preact";

render(<h1>Call Scheduler</h1>, document.body);
