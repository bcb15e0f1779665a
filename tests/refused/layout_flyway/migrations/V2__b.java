class V2__b {}
