// What the pages use of ECharts, and nothing more.
import * as echarts from "echarts/core";
import { SankeyChart, TreemapChart } from "echarts/charts";
import { AriaComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([TreemapChart, SankeyChart, AriaComponent, SVGRenderer]);
window.echarts = { init: echarts.init, version: echarts.version };
